using Personalization.Contracts.Audit;

namespace Personalization.Platform.Storage;

/// <summary>Words for saying what a collection holds (<see cref="CollectionContents"/>): no collection is declared without it, so the data map can't lag behind the code.</summary>
public static class Holds
{
    /// <summary>The lawful bases that data has which people don't decide on.</summary>
    public const string LegalObligation = "legal-obligation";

    /// <summary>What people decide on.</summary>
    public const string Consent = "consent";

    /// <summary>What the operator's own protection of the data needs.</summary>
    public const string LegitimateInterests = "legitimate-interests";

    /// <summary>Kept as long as the retention rules say.</summary>
    public static Keeping ByRetentionRules { get; } = new() { Rule = KeepingRule.RetentionRules };

    /// <summary>Kept until the person is erased.</summary>
    public static Keeping UntilErased { get; } = new() { Rule = KeepingRule.UntilErased };

    /// <summary>Something in both languages.</summary>
    public static Wording Text(string en, string ru) => new() { En = en, Ru = ru };

    /// <summary>A collection in which nothing is about anybody.</summary>
    public static CollectionContents Nobody(string en, string ru) => new() { What = Text(en, ru), Data = [] };

    /// <summary>Kept for a period of its own.</summary>
    /// <param name="period">ISO 8601.</param>
    /// <param name="en">From when, and why that long.</param>
    /// <param name="ru">The same in Russian.</param>
    public static Keeping For(string period, string en, string ru) => new() { Rule = KeepingRule.Own, Period = period, Why = Text(en, ru) };

    /// <summary>Kept until what it is needed for is done.</summary>
    public static Keeping Until(string en, string ru) => new() { Rule = KeepingRule.Own, Why = Text(en, ru) };

    /// <summary>Never deleted.</summary>
    public static Keeping ForGood(string en, string ru) => new() { Rule = KeepingRule.ForGood, Why = Text(en, ru) };

    /// <summary>The subject ref.</summary>
    public static HeldData Pseudonym(string lawfulBasis) => Data("subject-ref", "pseudonym", DataClassification.Pseudonym, lawfulBasis);

    /// <summary>A kind of personal data that people don't decide on as such.</summary>
    public static HeldData Data(string name, string category, DataClassification classification, string lawfulBasis) =>
        new() { Name = name, Category = category, Classification = classification, Purposes = [], LawfulBasis = lawfulBasis };
}
