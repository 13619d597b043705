using BitsClient.Benchmarks;

return await Commands.Root().Parse(args).InvokeAsync();
