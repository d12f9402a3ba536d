using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Platform.Tests.Privacy;

/// <summary>Data keys under a key of Vault's transit engine, against a fake of its API that encrypts for real and checks what it is asked.</summary>
public sealed class VaultTransitTests : IAsyncLifetime
{
    private const string Name = "personalization-profile";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string folder = Directory.CreateTempSubdirectory("vault-").FullName;
    private readonly Said said = new();
    private FakeVault vault = null!;
    private VaultTransit transit = null!;

    private string TokenFile => Path.Combine(folder, "token");

    public async Task InitializeAsync()
    {
        vault = await FakeVault.StartAsync();
        vault.Rotate(Name);
        await File.WriteAllTextAsync(TokenFile, FakeVault.Token + "\n");
        transit = Transit();
    }

    public async Task DisposeAsync()
    {
        transit.Dispose();
        await vault.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Many_keys_are_wrapped_with_one_request_and_come_back_in_order()
    {
        DataKey[] keys = [.. Enumerable.Range(0, 100).Select(i => New($"s1_{i}.1"))];

        var wrapped = await transit.WrapAsync(keys, None);
        var plain = await transit.UnwrapAsync(wrapped, None);

        Assert.All(wrapped, key => Assert.Equal($"vault:{Name}:v1", key.KeyId));
        Assert.Equal(keys.Select(key => (key.Id, Convert.ToHexString(key.Secret.Span))), plain.Select(key => (key.Id, Convert.ToHexString(key.Secret.Span))));
        Assert.Equal([$"POST /v1/transit/encrypt/{Name}", $"POST /v1/transit/decrypt/{Name}"], vault.Requests);
    }

    [Fact]
    public async Task After_a_rotation_in_Vault_keys_are_wrapped_again_without_being_shown_to_the_service()
    {
        await using var store = DocumentStores.Open($"sqlite:{Path.Combine(folder, "data-keys.db")}");
        var keys = new SubjectKeys(store, transit, TimeProvider.System);
        await keys.InitializeAsync(None);
        var before = await keys.GetOrCreateAsync(Enumerable.Range(0, 700).Select(i => new DataKeyId($"s{i}", 1)), None);
        vault.Rotate(Name);
        vault.Requests.Clear();

        Assert.Equal((700, $"vault:{Name}:v2"), await keys.RewrapAsync(None));
        Assert.Equal((0, $"vault:{Name}:v2"), await keys.RewrapAsync(None));

        Assert.Equal([$"GET /v1/transit/keys/{Name}", $"POST /v1/transit/rewrap/{Name}", $"POST /v1/transit/rewrap/{Name}", $"GET /v1/transit/keys/{Name}"], vault.Requests);
        var afterwards = new SubjectKeys(store, transit, TimeProvider.System);
        foreach (var (id, key) in before) Assert.Equal(key.Secret.ToArray(), (await afterwards.FindAsync(id.ToString(), None))!.Secret.ToArray());
        Assert.Empty(await store.QueryAsync(new DocumentQuery(SubjectKeys.Schema.Name, "kek", EqualTo: $"vault:{Name}:v1"), None));
    }

    [Fact]
    public async Task What_the_file_keyring_wrapped_is_read_and_moved_to_Vault()
    {
        Provisioning.EnsureKeys(folder, ["profile"]);
        await using var store = DocumentStores.Open($"sqlite:{Path.Combine(folder, "data-keys.db")}");
        var before = new SubjectKeys(store, new FileKeyring(Path.Combine(folder, "profile", "keyring")), TimeProvider.System);
        await before.InitializeAsync(None);
        var key = (await before.GetOrCreateAsync([new DataKeyId("anna", 1)], None)).Values.Single();
        var keys = new SubjectKeys(store, new MovingKeyEncryption(transit, new FileKeyring(Path.Combine(folder, "profile", "keyring"))), TimeProvider.System);

        var both = await keys.GetOrCreateAsync([new DataKeyId("anna", 1), new DataKeyId("boris", 1)], None);
        var moved = await keys.RewrapAsync(None);

        Assert.Equal(key.Secret.ToArray(), both[new DataKeyId("anna", 1)].Secret.ToArray());
        Assert.Equal((1, $"vault:{Name}:v1"), moved);
        Assert.Equal(key.Secret.ToArray(), (await new SubjectKeys(store, transit, TimeProvider.System).FindAsync("anna.1", None))!.Secret.ToArray());
    }

    [Fact]
    public async Task A_wrapped_key_in_the_place_of_another_or_changed_does_not_open()
    {
        var wrapped = Assert.Single(await transit.WrapAsync([New("anna.1")], None));
        byte[] changed = [.. wrapped.Wrapped];
        changed[^1] ^= 1;

        await Assert.ThrowsAsync<CryptographicException>(async () => await transit.UnwrapAsync([wrapped with { DataKeyId = "boris.1" }], None));
        await Assert.ThrowsAsync<CryptographicException>(async () => await transit.UnwrapAsync([wrapped with { Wrapped = changed }], None));
        Assert.Single(await transit.UnwrapAsync([wrapped], None));
    }

    [Fact]
    public async Task A_failure_that_passes_is_tried_again_and_not_heard_of()
    {
        vault.Failures.Enqueue(500);
        vault.Failures.Enqueue(429);

        Assert.Single(await transit.WrapAsync([New("anna.1")], None));

        Assert.Equal(3, vault.Requests.Count);
        Assert.Empty(said.Lines);
    }

    [Fact]
    public async Task A_sealed_Vault_is_named_and_said_once_until_it_is_unsealed()
    {
        vault.IsSealed = true;
        for (var i = 0; i < 2; i++)
            Assert.Equal("Vault is sealed: somebody has to unseal it.", (await Assert.ThrowsAsync<KeyEncryptionException>(async () => await transit.CurrentKeyAsync(None))).Message);
        vault.IsSealed = false;

        Assert.Equal($"vault:{Name}:v1", await transit.CurrentKeyAsync(None));
        Assert.Equal([(LogLevel.Error, true), (LogLevel.Information, false)], said.Lines.Select(line => (line.Level, line.Text.Contains("sealed", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_refused_token_is_not_tried_again_and_one_that_was_renewed_is_taken()
    {
        vault.AcceptedToken = "hvs.renewed";

        var refused = await Assert.ThrowsAsync<KeyEncryptionException>(async () => await transit.WrapAsync([New("anna.1")], None));
        Assert.Single(vault.Requests);
        await File.WriteAllTextAsync(TokenFile, "hvs.renewed");

        Assert.Single(await transit.WrapAsync([New("anna.1")], None));
        Assert.Equal($"Vault refuses the token for encrypt/{Name}: it has run out, or its policy lacks the path.", refused.Message);
        Assert.DoesNotContain(said.Lines, line => line.Text.Contains("hvs.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Vault_that_does_not_answer_is_given_up_on_in_time()
    {
        vault.Door = new TaskCompletionSource().Task;
        using var impatient = Transit(milliseconds: 100);

        var failed = await Assert.ThrowsAsync<KeyEncryptionException>(async () => await impatient.CurrentKeyAsync(None).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal("Vault does not answer (TimeoutRejectedException).", failed.Message);
        Assert.Equal(3, vault.Requests.Count);
    }

    [Fact]
    public async Task A_key_that_was_not_made_and_a_token_that_is_not_there_are_said()
    {
        using var other = Transit(service: "audit");
        var missing = await Assert.ThrowsAsync<KeyEncryptionException>(async () => await other.WrapAsync([New("anna.1")], None));
        File.Delete(TokenFile);
        var tokenless = await Assert.ThrowsAsync<KeyEncryptionException>(async () => await transit.WrapAsync([New("anna.1")], None));

        Assert.StartsWith("Vault has no encrypt/personalization-audit:", missing.Message, StringComparison.Ordinal);
        Assert.Contains("KeyEncryption:Vault:TokenFile", tokenless.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_is_sent_if_there_is_one()
    {
        await transit.CurrentKeyAsync(None);
        Assert.Null(vault.LastNamespace);
        using var within = new VaultTransit("profile", new VaultOptions { Address = vault.Address, TokenFile = TokenFile, Namespace = "ru/cinema" }, said);
        await within.CurrentKeyAsync(None);
        Assert.Equal("ru/cinema", vault.LastNamespace);
    }

    [Theory]
    [InlineData(null, "token", 2000, "Address is missing")]
    [InlineData("http://vault.example:8200", "token", 2000, "Address is not https")]
    [InlineData("https://vault.example:8200", null, 2000, "TokenFile is missing")]
    [InlineData("https://vault.example:8200", "token", 10, "TimeoutMilliseconds is 100 to 60000")]
    [InlineData("https://vault.example:8200", "token", 2000, null)]
    public void Settings_that_cannot_work_are_refused_at_the_start(string? address, string? tokenFile, int milliseconds, string? wrong)
    {
        var options = new KeyEncryptionOptions
        {
            Provider = KeyEncryptionProvider.Vault,
            Vault = new VaultOptions { Address = address is null ? null : new Uri(address), TokenFile = tokenFile, TimeoutMilliseconds = milliseconds },
        };

        var errors = options.Validate(new ValidationContext(options)).Select(result => result.ErrorMessage!).ToArray();

        if (wrong is null) Assert.Empty(errors);
        else Assert.Contains(wrong, Assert.Single(errors), StringComparison.Ordinal);
    }

    private static DataKey New(string id) => new(id, RandomNumberGenerator.GetBytes(32));

    private VaultTransit Transit(string service = "profile", int milliseconds = 2000) =>
        new(service, new VaultOptions { Address = vault.Address, TokenFile = TokenFile, TimeoutMilliseconds = milliseconds }, said);

    private sealed class Said : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
