using DotNet.Testcontainers.Configurations;

namespace Personalization.Testing;

/// <summary>Whether a Docker engine answers, asked once.</summary>
internal static class Docker
{
    private static readonly Lazy<bool> Answers = new(static () =>
    {
        try
        {
            return TestcontainersSettings.OS.DockerEndpointAuthConfig is not null;
        }
        catch (Exception e) when (e is InvalidOperationException or TypeInitializationException)
        {
            return false;
        }
    });

    public static bool IsAvailable => Answers.Value;
}
