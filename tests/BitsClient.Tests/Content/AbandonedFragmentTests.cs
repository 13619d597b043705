using BitsClient.Content;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

public sealed class AbandonedFragmentTests
{
    [Test]
    public void It_ends_as_canceled_and_says_that_it_was_abandoned()
    {
        using FragmentContent content = new(new ShortReads([1, 2], most: 1), offset: 0, length: 2, hash: null, observer: null);
        content.TryWithholdEnd();
        Assert.That(
            () => content.CopyToAsync(Stream.Null),
            Throws.TypeOf<OperationCanceledException>().With.Message.Contains("abandoned").And.Message.Contains("last bytes"));
    }
}
