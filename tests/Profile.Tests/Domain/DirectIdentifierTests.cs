using System.Globalization;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

// The numbers are made up; cards are the networks' published test numbers.
public sealed class DirectIdentifierTests
{
    [Theory]
    [InlineData("dina@example.org")]
    [InlineData("Write to d.ivanova+shop@mail.example.org.")]
    [InlineData("mailto:dina@example.org")]
    [InlineData("почта дина@пример.рф")]
    [InlineData("<dina@example.xn--p1ai>")]
    [InlineData("79161234567")]
    [InlineData("89161234567")]
    [InlineData("+79161234567")]
    [InlineData("tel:79161234567")]
    [InlineData("phone_79161234567")]
    [InlineData("8-916-123-45-67")]
    [InlineData("звоните +7 (916) 123-45-67 вечером")]
    [InlineData("8 495 123 45 67")]
    [InlineData("(916) 123-45-67")]
    [InlineData("+44 20 7946 0958")]
    [InlineData("+1-202-555-0143")]
    [InlineData("4111111111111111")]
    [InlineData("5555 5555 5555 4444")]
    [InlineData("order 12 2200-0000-0000-0053 paid")]
    [InlineData("3782 822463 10005")]
    [InlineData("6212345678901265")]
    [InlineData("112-233-445 95")]
    [InlineData("112-233-445-95")]
    [InlineData("11223344595")]
    [InlineData("паспорт 4509 123456 выдан")]
    [InlineData("45 09 123456")]
    [InlineData("4509-123456")]
    [InlineData("20 10 123456")]
    public void Finds_what_names_a_person(string text) => Assert.True(DirectIdentifier.IsIn(text));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("671")]
    [InlineData("u-000001")]
    [InlineData("4509123456")]
    [InlineData("10000000001")]
    [InlineData("55512345678")]
    [InlineData("1764146000")]
    [InlineData("1764146000123")]
    [InlineData("4600439931256")]
    [InlineData("4111111111111112")]
    [InlineData("1111111111111117")]
    [InlineData("112-233-445 96")]
    [InlineData("c11223344595")]
    [InlineData("2024-000123")]
    [InlineData("2024-01-15-103000")]
    [InlineData("0609 123456")]
    [InlineData("4560 123456")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("55.755826 37.617300")]
    [InlineData("192.168.100.200 10.20.30.40")]
    [InlineData("978-5-17-118366-1")]
    [InlineData("2026-03-01T12:00:00.0000000Z")]
    [InlineData("@dina and dina@ and dina@home and 5@10.20")]
    [InlineData("рейтинг 4.5 из 10, 1000000 просмотров, 2000000000 показов")]
    public void Leaves_what_only_looks_a_little_like_it(string text) => Assert.False(DirectIdentifier.IsIn(text));

    [Fact]
    public void Refuses_no_customer_number_for_being_a_number()
    {
        Assert.DoesNotContain(Enumerable.Range(1, 100_000), number => DirectIdentifier.IsIn(number.ToString(CultureInfo.InvariantCulture)));
        Assert.DoesNotContain(Enumerable.Range(0, 100_000), number => DirectIdentifier.IsIn((4_500_000_000 + number).ToString(CultureInfo.InvariantCulture)));

        // Of a shop's numbers of eleven digits the one in a hundred whose last two are the checksum of the others.
        Assert.Equal(100, Enumerable.Range(0, 10_000).Count(number => DirectIdentifier.IsIn((55_500_000_000 + number).ToString(CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Decides_on_the_longest_text_of_numbers_in_a_moment()
    {
        var text = string.Join(' ', Enumerable.Repeat("1", 2048));
        var before = TimeProvider.System.GetTimestamp();

        Assert.False(DirectIdentifier.IsIn(text));
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
