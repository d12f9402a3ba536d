using Personalization.Testing;
using Xunit;

// The systems under test share a broker and two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestFramework(ServersTestFramework.Name, ServersTestFramework.Assembly)]
