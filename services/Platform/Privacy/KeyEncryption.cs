using System.Security.Cryptography;

namespace Personalization.Platform.Privacy;

/// <summary>A data key as a key store holds it.</summary>
/// <param name="DataKeyId">The data key; bound into the wrapping, so that one put in the place of another doesn't open.</param>
/// <param name="KeyId">The key-encryption key, its version included: <c>kek-2</c>, <c>vault:NAME:v2</c>.</param>
/// <param name="Wrapped">The ciphertext, in the form of its provider.</param>
public sealed record WrappedKey(string DataKeyId, string KeyId, byte[] Wrapped);

/// <summary>Wraps data keys under a key-encryption key that never leaves the provider. Results are in the order of what was handed in.</summary>
public interface IKeyEncryption
{
    /// <summary>The key-encryption key that wraps now, by the provider's own word: that is how an instance learns of a rotation.</summary>
    /// <exception cref="KeyEncryptionException">The provider can't be used; the message says why.</exception>
    ValueTask<string> CurrentKeyAsync(CancellationToken cancellationToken);

    /// <summary>Whether a key of that id is this provider's.</summary>
    bool Knows(string keyId);

    /// <summary>Wraps under the current key.</summary>
    /// <exception cref="KeyEncryptionException">The provider can't be used; the message says why.</exception>
    ValueTask<IReadOnlyList<WrappedKey>> WrapAsync(IReadOnlyList<DataKey> keys, CancellationToken cancellationToken);

    /// <summary>Unwraps what the current key or an earlier one wrapped.</summary>
    /// <exception cref="CryptographicException">The key-encryption key isn't there, or a wrapped key was changed or moved.</exception>
    /// <exception cref="KeyEncryptionException">The provider can't be used; the message says why.</exception>
    ValueTask<IReadOnlyList<DataKey>> UnwrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken);

    /// <summary>Wraps under the current key what an earlier one wrapped.</summary>
    /// <exception cref="CryptographicException">As <see cref="UnwrapAsync"/>.</exception>
    /// <exception cref="KeyEncryptionException">The provider can't be used; the message says why.</exception>
    async ValueTask<IReadOnlyList<WrappedKey>> RewrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken) =>
        await WrapAsync(await UnwrapAsync(keys, cancellationToken), cancellationToken);
}

/// <summary>The key-encryption key can't be used for now: the provider doesn't answer, is sealed, or refuses this service. The message holds no secret and names nobody.</summary>
public sealed class KeyEncryptionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One provider wraps; what the other wrapped before it was chosen is still unwrapped, and moved to the first by the next rewrapping.</summary>
public sealed class MovingKeyEncryption(IKeyEncryption current, IKeyEncryption former) : IKeyEncryption, IDisposable
{
    /// <inheritdoc/>
    public ValueTask<string> CurrentKeyAsync(CancellationToken cancellationToken) => current.CurrentKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public bool Knows(string keyId) => current.Knows(keyId) || former.Knows(keyId);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WrappedKey>> WrapAsync(IReadOnlyList<DataKey> keys, CancellationToken cancellationToken) => current.WrapAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DataKey>> UnwrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken) =>
        EachByItsOwnAsync(keys, current.UnwrapAsync, former.UnwrapAsync, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WrappedKey>> RewrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken) => EachByItsOwnAsync(
        keys, current.RewrapAsync, async (old, cancellation) => await current.WrapAsync(await former.UnwrapAsync(old, cancellation), cancellation), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        (current as IDisposable)?.Dispose();
        (former as IDisposable)?.Dispose();
    }

    private async ValueTask<IReadOnlyList<T>> EachByItsOwnAsync<T>(
        IReadOnlyList<WrappedKey> keys, Func<IReadOnlyList<WrappedKey>, CancellationToken, ValueTask<IReadOnlyList<T>>> ofCurrent,
        Func<IReadOnlyList<WrappedKey>, CancellationToken, ValueTask<IReadOnlyList<T>>> ofFormer, CancellationToken cancellationToken)
    {
        var results = new T[keys.Count];
        foreach (var own in keys.Index().GroupBy(pair => current.Knows(pair.Item.KeyId)))
        {
            var done = await (own.Key ? ofCurrent : ofFormer)([.. own.Select(pair => pair.Item)], cancellationToken);
            foreach (var ((index, _), result) in own.Zip(done)) results[index] = result;
        }

        return results;
    }
}
