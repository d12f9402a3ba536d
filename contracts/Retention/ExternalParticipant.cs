namespace Personalization.Contracts.Retention;

/// <summary>How a product service, or a processor, is named where participants of this deployment are named too.</summary>
public static class ExternalParticipant
{
    /// <summary>The service that passes erasures on to them, because it alone knows customer ids, and signs for what they answered.</summary>
    public const string PassedOnBy = "profile";

    private const string Prefix = "external/";

    /// <summary>Its name among the participants of a case: no service of the deployment has such a one.</summary>
    public static string NameOf(string registered) => Prefix + registered;

    /// <summary>Whether a participant is one of them.</summary>
    public static bool Is(string participant) => participant.StartsWith(Prefix, StringComparison.Ordinal);
}
