// Tests share nothing: each has a fixture of its own and runs beside others. One that measures the whole process, or time, is NonParallelizable.
[assembly: Parallelizable(ParallelScope.All)]
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
