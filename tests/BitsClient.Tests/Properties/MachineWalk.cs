using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Properties;

/// <summary>
/// One upload from its first packet, with the machine and the failure table alone, and with random answers and failures. It fails the test
/// if a rule is broken.
/// </summary>
internal sealed class MachineWalk
{
    // Acks without progress, halvings of a fragment, and challenges; retries and sessions have budgets of their own.
    private const int StandstillBesidesRetries = 40;

    private readonly int _seed;
    private readonly Random _random;
    private readonly AckFuzz _fuzz;
    private UploadState _state;
    private int _stepsWithoutProgress;
    private int _sessionsWithoutProgress;

    public MachineWalk(int seed)
    {
        (_seed, _random) = (seed, new Random(seed));
        _fuzz = new AckFuzz(_random);
        _state = UploadMachine.Begun(PlausibleStates.Fresh(_random));
    }

    /// <summary>The server acknowledges no byte.</summary>
    public bool GrantsNothing { get; init; }

    /// <summary>The most steps that the budgets allow an upload without progress.</summary>
    public int Bound => (_state.Options.MaxRestarts + 1) * (StandstillBesidesRetries + _state.Options.MaxRetries);

    public int Steps { get; private set; }

    /// <summary>How many fragments the server was asked for.</summary>
    public int Questions { get; private set; }

    public bool HasEnded { get; private set; }

    public void Go(int mostSteps)
    {
        while (!HasEnded && Steps < mostSteps)
        {
            if (UploadMachine.Next(_state) is { } packet)
            {
                Step(packet);
            }
            else
            {
                HasEnded = true;
            }
        }
    }

    private void Step(BitsPacket packet)
    {
        Steps++;
        UploadState before = _state;
        Transition transition = Send(packet, out bool isSuccess);
        if (transition.Failure is { } failure)
        {
            transition = UploadRecovery.Apply(transition.State, packet, failure, FailureTable.Of(failure, packet, transition.State));
            HasEnded = transition.Failure is not null;
        }

        _state = transition.State;
        Assert.That(MachinePromises.BrokenBy(before, packet, isSuccess, _state), Is.Empty, () => $"seed {_seed}, step {Steps}: {packet}");
        CountStandstill(before);
    }

    private Transition Send(BitsPacket packet, out bool isSuccess)
    {
        isSuccess = false;
        if (packet is BitsPacket.Fragment { AsksFirst: true })
        {
            Questions++;
            if (_random.Next(3) == 0)
            {
                return Refuse(packet);
            }
        }

        long handedOver = packet is BitsPacket.Fragment fragment ? HandedOver(fragment) : 0;
        UploadState sent = UploadMachine.Sent(_state, packet, new SentContent(handedOver, handedOver));
        if (_random.Next(10) == 0)
        {
            return new Transition(
                UploadMachine.Unanswered(sent, packet),
                new BitsUploadException("no answer") { IsTransient = true, IsBrokenConnection = _random.Next(2) == 0 });
        }

        BitsAck ack = _random.Next(10) == 0 ? Fuzzed(sent) : Friendly(sent);
        if (GrantsNothing && packet is BitsPacket.Fragment)
        {
            ack = ack with { ReceivedOffset = 0, ReceivedOffsetText = "0" };
        }

        isSuccess = ack.IsSuccess;
        return UploadMachine.Apply(sent, packet, ack, TimeSpan.FromSeconds(_random.Next(_random.Next(2) == 0 ? 2 : 100)));
    }

    // Nothing of the fragment was sent. The connection breaks, or the server refuses it, because of its size or for another reason.
    private Transition Refuse(BitsPacket packet)
    {
        if (_random.Next(5) == 0)
        {
            return new Transition(
                UploadMachine.NotAnswered(_state), new BitsUploadException("broken") { IsTransient = true, IsBrokenConnection = true });
        }

        int[] statuses = [413, 404, 417, 500, 502, 503];
        BitsAck refusal = new() { StatusCode = (HttpStatusCode)statuses[_random.Next(statuses.Length)] };
        return UploadMachine.Apply(UploadMachine.Sent(_state, packet, default), packet, refusal, TimeSpan.Zero);
    }

    // One fragment in three is sent only in part.
    private long HandedOver(BitsPacket.Fragment fragment) =>
        _random.Next(3) == 0 ? _random.NextInt64(fragment.Length + 1) : fragment.Length;

    private BitsAck Fuzzed(UploadState sent)
    {
        using HttpResponseMessage response = _fuzz.Answer(sent);
        return BitsAckReader.Read(response, DateTimeOffset.UnixEpoch);
    }

    // A success, a lost session, or a server that wants some bytes again.
    private BitsAck Friendly(UploadState sent)
    {
        long highestSent = sent.Session?.HighestSent ?? 0;
        long offset = _random.Next(5) == 0 ? _random.NextInt64(highestSent + 1) : highestSent;
        BitsAck ack = new()
        {
            StatusCode = HttpStatusCode.OK,
            IsAck = true,
            SessionId = $"{{{Steps}}}",
            ReceivedOffset = offset,
            ReceivedOffsetText = $"{offset}",
        };
        return _random.Next(30) switch
        {
            0 => ack with { StatusCode = HttpStatusCode.InternalServerError, ErrorCode = BitsHResult.SessionNotFound },
            1 => ack with { StatusCode = HttpStatusCode.RequestEntityTooLarge, IsAck = false },
            2 => ack with { StatusCode = HttpStatusCode.ServiceUnavailable, IsAck = false },
            3 => ack with { StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable },
            _ => ack,
        };
    }

    private void CountStandstill(UploadState before)
    {
        bool isNewSession = _state.Ledger.Replaced > before.Ledger.Replaced;
        _stepsWithoutProgress = isNewSession || _state.Acknowledged > before.Acknowledged ? 0 : _stepsWithoutProgress + 1;
        if (_state.Budget.HighWater > before.Budget.HighWater)
        {
            _sessionsWithoutProgress = 0;
        }
        else if (isNewSession)
        {
            _sessionsWithoutProgress++;
        }

        Assert.That(
            _stepsWithoutProgress,
            Is.LessThanOrEqualTo(StandstillBesidesRetries + _state.Options.MaxRetries),
            () => $"seed {_seed}: the upload makes no progress.");
        Assert.That(
            _sessionsWithoutProgress,
            Is.LessThanOrEqualTo((_state.Options.MaxRestarts + 1) * (_state.Options.MaxRetries + 1)),
            () => $"seed {_seed}: the upload starts over too often.");
    }
}
