using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Personalization.Testing;

/// <summary>
/// Stops the servers after an assembly's last test, while the runner still waits: it kills a process that takes longer than a
/// moment to exit. A test project that uses <see cref="MongoServer"/> or <see cref="RabbitServer"/> names it:
/// <c>[assembly: TestFramework(ServersTestFramework.Name, ServersTestFramework.Assembly)]</c>.
/// </summary>
public sealed class ServersTestFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <summary>This type, as xunit wants it named.</summary>
    public const string Name = "Personalization.Testing.ServersTestFramework";

    /// <summary>This assembly, as xunit wants it named.</summary>
    public const string Assembly = "Personalization.Testing";

    /// <inheritdoc/>
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider source, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(assembly, source, diagnostics)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var runner = new Runner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink diagnostics, IMessageSink execution, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, diagnostics, execution, options)
    {
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            await TestServers.StopAsync();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
