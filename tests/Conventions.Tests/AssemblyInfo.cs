using Personalization.Testing;
using Xunit;

// Hosts, meters and the working copy are shared by the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestFramework(ServersTestFramework.Name, ServersTestFramework.Assembly)]
