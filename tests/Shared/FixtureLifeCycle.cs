// Each test has its own instance of the fixture, so that tests share no fields.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
