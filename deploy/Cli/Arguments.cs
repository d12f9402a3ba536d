namespace Personalization.Cli;

/// <summary>Options of the form <c>--name value</c> and switches of the form <c>--name</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> values = [];
    private readonly HashSet<string> set = [];

    /// <exception cref="UsageException">An argument is neither of the known options nor switches, or an option has no value.</exception>
    public Arguments(IReadOnlyList<string> arguments, IReadOnlyCollection<string> options, params IReadOnlyCollection<string> switches)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (switches.Contains(name))
                set.Add(name);
            else if (!options.Contains(name))
                throw new UsageException($"Unknown option {name}. Known here: {string.Join(", ", options.Concat(switches))}.");
            else if (++i == arguments.Count)
                throw new UsageException($"{name} needs a value.");
            else
                values[name] = arguments[i];
        }
    }

    public string? this[string option] => values.GetValueOrDefault(option);

    public bool Has(string name) => set.Contains(name);
}

/// <summary>The command line is not of the form that the command takes; the message says what it takes.</summary>
internal sealed class UsageException(string message) : Exception(message);
