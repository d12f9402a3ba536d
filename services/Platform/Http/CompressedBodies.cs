using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Personalization.Platform.Http;

/// <summary>Lets endpoints take compressed bodies.</summary>
public static class CompressedBodyExtensions
{
    private const string Gzip = "gzip";

    /// <summary>
    /// Takes <c>Content-Encoding: gzip</c> as well; any other gets 415. The endpoint's size limit holds for what arrives and for what it becomes, so
    /// that a small body can't unfold to a large one: 413. A body that isn't gzip though it says so gets 400.
    /// </summary>
    public static TBuilder AcceptsGzip<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AcceptsGzipMetadata());

    internal static void AddCompressedBodies(this IServiceCollection services) => services.AddRequestDecompression(options =>
    {
        options.DecompressionProviders.Clear();
        options.DecompressionProviders.Add(Gzip, new GzipBodies());
    });

    internal static void UseCompressedBodies(this IApplicationBuilder app) => app.UseWhen(
        context => context.GetEndpoint()?.Metadata.GetMetadata<AcceptsGzipMetadata>() is not null && !StringValues.IsNullOrEmpty(context.Request.Headers.ContentEncoding),
        branch => branch
            .Use((context, next) =>
            {
                if (Gzip.Equals(context.Request.Headers.ContentEncoding, StringComparison.OrdinalIgnoreCase)) return next(context);
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return Task.CompletedTask;
            })
            .UseRequestDecompression());

    private sealed record AcceptsGzipMetadata;

    private sealed class GzipBodies : IDecompressionProvider
    {
        public Stream GetDecompressionStream(Stream stream) => new GzipBody(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true));
    }

    /// <summary>Broken data is the caller's mistake and not a failure of ours.</summary>
    private sealed class GzipBody(GZipStream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (InvalidDataException)
            {
                throw new BadHttpRequestException("The body is not gzip.", StatusCodes.Status400BadRequest);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        // Requests are read asynchronously only.
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
