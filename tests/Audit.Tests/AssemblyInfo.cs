using Personalization.Testing;

// Each class runs a service of its own, on few cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestFramework(ServersTestFramework.Name, ServersTestFramework.Assembly)]
