// Each test has a fixture of its own, so that its fields are its own as well.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
