// Tests share nothing and run side by side. One that measures the whole process, or time, is NonParallelizable.
[assembly: Parallelizable(ParallelScope.All)]
