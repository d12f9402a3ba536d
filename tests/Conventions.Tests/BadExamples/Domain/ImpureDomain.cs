using Personalization.Platform.Storage;

namespace Personalization.Conventions.Tests.BadExamples.Domain;

/// <summary>Takes the time from a clock instead of an argument.</summary>
internal sealed record DecidesByTheClock(TimeProvider Time)
{
    public bool IsLate() => Time.GetUtcNow().Year > 3000;
}

/// <summary>Reads the store.</summary>
internal sealed record LoadsWhatItNeeds
{
    public static Task<InboxLike?> FindAsync(DocumentSession session) => session.LoadAsync<InboxLike>("1", default);
}

/// <summary>A document.</summary>
internal sealed record InboxLike(string Id) : IDocument;
