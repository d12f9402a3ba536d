namespace Personalization.Cli;

/// <summary>Options of the form <c>--name value</c> and switches of the form <c>--name</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = [];
    private readonly HashSet<string> _switches = [];

    public Arguments(IReadOnlyList<string> arguments, IReadOnlyCollection<string> options, params IReadOnlyCollection<string> switches)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (switches.Contains(name))
                _switches.Add(name);
            else if (!options.Contains(name))
                throw new UsageException($"Unknown option {name}. Known here: {string.Join(", ", options.Concat(switches))}.");
            else if (++i == arguments.Count)
                throw new UsageException($"{name} needs a value.");
            else
                _options[name] = arguments[i];
        }
    }

    public string? this[string option] => _options.GetValueOrDefault(option);

    public bool Has(string name) => _switches.Contains(name);
}

/// <summary>The command line is not of the form the command takes; the message says what it takes.</summary>
internal sealed class UsageException(string message) : Exception(message);
