using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Personalization.System.Tests.Harness;

/// <summary>All that was logged: texts, values, scopes and exceptions.</summary>
public sealed class LogText : ILoggerProvider, ISupportExternalScope
{
    private readonly StringBuilder text = new();
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    /// <summary>From which level on; set before the system starts.</summary>
    public LogLevel Level { get; set; } = LogLevel.Warning;

    /// <summary>What was logged so far.</summary>
    public override string ToString()
    {
        lock (text) return text.ToString();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
        // Several hosts write here, and each disposes of its providers.
    }

    internal void Install(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(this);

    private sealed class Logger(LogText log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (log.text)
            {
                log.text.Append(category).Append(": ").AppendLine(formatter(state, exception));
                if (state is IEnumerable<KeyValuePair<string, object?>> values) Append(log.text, values);
                if (exception is not null) log.text.AppendLine(exception.ToString());
                log.scopes.ForEachScope(
                    (scope, text) =>
                    {
                        if (scope is IEnumerable<KeyValuePair<string, object?>> values) Append(text, values);
                        else text.Append(scope).AppendLine();
                    },
                    log.text);
            }
        }

        private static void Append(StringBuilder text, IEnumerable<KeyValuePair<string, object?>> values)
        {
            foreach (var (name, value) in values) text.Append(name).Append('=').Append(value).AppendLine();
        }
    }
}
