using System.Text.Json;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Tests.Domain;

/// <summary>What domain tests start from: a person who allows recommendations since an hour, and an event of now.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Granted = Now.AddHours(-1);

    public static SubjectGate Gate(params Grant[] grants) => new() { Id = "s1_person", Version = 3, Epoch = 2, Grants = grants };

    public static Grant Grant(string purpose, string category, DateTimeOffset? at = null, DateTimeOffset? until = null) => new(purpose, category, at ?? Granted, until);

    public static FieldDeclaration Field(FieldType type, string category, params string[] purposes) =>
        new() { Type = type, Category = category, Purposes = purposes, Classification = Classification.Ordinary, Description = "What it says." };

    public static EventType Type(SignalDeclaration? signal, params (string Name, FieldDeclaration Field)[] fields) =>
        new() { Type = "film.rated", Version = 1, Description = "A film was rated.", Fields = fields.ToDictionary(field => field.Name, field => field.Field), Signal = signal };

    public static RetentionRules Rules(params (string Purpose, string Category, int Days)[] rules) =>
        new() { Version = 1, Rules = [.. rules.Select(rule => new RetentionRule { Purpose = rule.Purpose, Category = rule.Category, KeepDays = rule.Days })] };

    public static ReceivedEvent Event(object data, DateTimeOffset? time = null) =>
        new("s1_person", "person", "event", "/cinema", "film.rated", time ?? Now, JsonSerializer.SerializeToElement(data, Json.Options));
}
