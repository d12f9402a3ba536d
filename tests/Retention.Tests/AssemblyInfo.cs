using Personalization.Testing;
using Xunit;

[assembly: TestFramework(ServersTestFramework.Name, ServersTestFramework.Assembly)]
