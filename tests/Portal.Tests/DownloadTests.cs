using System.Net;
using Xunit;

namespace Personalization.Portal.Tests;

public sealed class DownloadTests
{
    [Fact]
    public async Task What_can_be_had_once_or_takes_its_time_is_asked_for_once()
    {
        using var unavailable = new Unavailable();
        using var http = new HttpClient(unavailable) { BaseAddress = new Uri("http://service.example") };
        var session = new Session("token", "subject", "somebody", "en");
        using var archive = await new RetentionClient(http).ArchiveAsync(session, "ex_1", CancellationToken.None);
        Assert.Equal((1, HttpStatusCode.ServiceUnavailable), (unavailable.Asked, archive!.StatusCode));
        using var pack = await new AuditClient(http).PackAsync(session, new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 31), "application/pdf", "en", CancellationToken.None);
        Assert.Equal(2, unavailable.Asked);

        // What can be read again is.
        await new RetentionClient(http).ReadExportAsync(session, "ex_1", CancellationToken.None);
        Assert.Equal(5, unavailable.Asked);
    }

    /// <summary>A service that isn't there just now.</summary>
    private sealed class Unavailable : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        }
    }
}
