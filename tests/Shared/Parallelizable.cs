// Tests share nothing and run in parallel. A test that measures the whole process, or time, is NonParallelizable.
[assembly: Parallelizable(ParallelScope.All)]
