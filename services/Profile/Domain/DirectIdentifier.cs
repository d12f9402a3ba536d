namespace Personalization.Profile.Domain;

/// <summary>
/// Finds what names a person by itself in a text: e-mail addresses, phones, payment cards, Russian passports and SNILS numbers. Digits alone
/// are no reason: a checksum, or a form that only such a number has, decides. The rules are those of docs/events.md.
/// </summary>
public static class DirectIdentifier
{
    private const int FewestDigits = 10;
    private const int MostDigits = 19;
    private const int LongestGap = 3;

    // Series begin with the region's OKATO code; codes that no region has belong to other numbers.
    private static readonly HashSet<int> Regions =
    [
        1, 3, 4, 5, 7, 8, 10, 11, 12, 14, 15, 17, 18, 19, 20, 22, 24, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 44, 45, 46, 47, 49, 50, 52, 53, 54,
        56, 57, 58, 60, 61, 63, 64, 65, 66, 67, 68, 69, 70, 71, 73, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99,
    ];

    /// <summary>Whether one is in the text.</summary>
    public static bool IsIn(string text)
    {
        for (var at = text.IndexOf('@'); at >= 0; at = text.IndexOf('@', at + 1))
        {
            if (IsAddress(text, at)) return true;
        }

        // Most texts end here: what has few digits holds no number.
        return text.Count(char.IsAsciiDigit) >= FewestDigits && HasNumber(text, GroupsIn(text));
    }

    private static bool IsAddress(string text, int at)
    {
        if (at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '+' or '-' or '%' or '"')) return false;
        var end = at + 1;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '-')) end++;
        var domain = text.AsSpan(at + 1, end - at - 1).Trim(".-");
        var dot = domain.LastIndexOf('.');
        return dot > 0 && domain.Length - dot > 2 && char.IsLetter(domain[dot + 1]);
    }

    private static List<Group> GroupsIn(string text)
    {
        var groups = new List<Group>();
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i])) continue;
            var start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
            var isPartOfWord = (start > 0 && char.IsLetter(text[start - 1])) || (i < text.Length && char.IsLetter(text[i]));
            var gap = groups.Count == 0 ? Gap.Text : GapOf(text.AsSpan(groups[^1].End, start - groups[^1].End));
            groups.Add(new Group(start, i, isPartOfWord, start > 0 && text[start - 1] == '+', gap));
        }

        return groups;
    }

    private static Gap GapOf(ReadOnlySpan<char> between)
    {
        if (between.Length > LongestGap) return Gap.Text;
        var gap = Gap.Space;
        foreach (var c in between)
        {
            if (c is '-' or '.' or '/' or '\u2010' or '\u2011' or '\u2012' or '\u2013') gap = Gap.Joint;
            else if (!char.IsWhiteSpace(c) && c is not ('(' or ')')) return Gap.Text;
        }

        return gap;
    }

    /// <summary>Looks at each sequence of neighbouring groups that isn't joined to a longer one.</summary>
    private static bool HasNumber(string text, List<Group> groups)
    {
        Span<char> digits = stackalloc char[MostDigits];
        Span<int> lengths = stackalloc int[MostDigits];
        for (var first = 0; first < groups.Count; first++)
        {
            if (first > 0 && groups[first].Before == Gap.Joint) continue;
            var total = 0;
            for (var last = first; last < groups.Count; last++)
            {
                var group = groups[last];
                var length = group.End - group.Start;
                if (group.IsPartOfWord || (last > first && group.Before == Gap.Text) || total + length > MostDigits) break;
                text.AsSpan(group.Start, length).CopyTo(digits[total..]);
                lengths[last - first] = length;
                total += length;
                if (total < FewestDigits || (last + 1 < groups.Count && groups[last + 1].Before == Gap.Joint)) continue;
                if (IsNumber(digits[..total], lengths[..(last - first + 1)], groups[first].HasPlus)) return true;
            }
        }

        return false;
    }

    private static bool IsNumber(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups, bool hasPlus) =>
        (hasPlus && digits.Length <= 15) || IsRussianPhone(digits, groups) || IsCard(digits, groups) || IsSnils(digits, groups) || IsPassport(digits, groups);

    /// <summary>8 or 7, then ten digits of which the first is 3, 4, 8 or 9: written apart, or the 9 of a mobile. Without the 8 only as 916 123 45 67.</summary>
    private static bool IsRussianPhone(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups) => digits.Length switch
    {
        11 => digits[0] is '7' or '8' && (groups is [1, _, ..] ? digits[1] is '3' or '4' or '8' or '9' : groups.Length == 1 && digits[1] == '9'),
        10 => groups is [3, 3, 2, 2] && digits[0] is '3' or '4' or '8' or '9',
        _ => false,
    };

    /// <summary>A number that a card network issues, with its check digit (ISO/IEC 7812-1), whole or in the groups that are printed on cards.</summary>
    private static bool IsCard(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups) =>
        groups is [_] or [4, 4, 4, 4] or [4, 4, 4, 4, _] or [4, 6, 5] && IsIssued(digits) && IsLuhn(digits);

    private static bool IsIssued(ReadOnlySpan<char> digits)
    {
        var four = int.Parse(digits[..4]);
        return digits.Length switch
        {
            15 => four is (>= 3400 and < 3500) or (>= 3700 and < 3800),
            16 => four is (>= 2200 and <= 2204) or (>= 2221 and <= 2720) or (>= 3528 and <= 3589) or (>= 4000 and < 5900) or (>= 6011 and < 6012) or (>= 6200 and < 6600) or (>= 6700 and < 6800),
            17 or 18 or 19 => four is (>= 2200 and <= 2204) or (>= 4000 and < 5000) or (>= 5000 and < 5100) or (>= 5600 and < 5900) or (>= 6200 and < 6300) or (>= 6700 and < 6800),
            _ => false,
        };
    }

    private static bool IsLuhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1) digit = digit > 4 ? (2 * digit) - 9 : 2 * digit;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>Nine digits and their checksum; numbers up to 001-001-998 have none.</summary>
    private static bool IsSnils(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups)
    {
        if (digits.Length != 11 || groups is not ([11] or [9, 2] or [3, 3, 3, 2]) || int.Parse(digits[..9]) <= 1001998) return false;
        var sum = 0;
        for (var i = 0; i < 9; i++) sum += (9 - i) * (digits[i] - '0');
        return sum % 101 % 100 == int.Parse(digits[9..]);
    }

    /// <summary>Region, year of the blank and six digits. There is no check digit, so only where they are written apart, and not where the series reads as a year.</summary>
    private static bool IsPassport(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups)
    {
        if (digits.Length != 10 || groups is not ([4, 6] or [2, 2, 6])) return false;
        if (groups is [4, 6] && (digits[..2] is "19" or "20")) return false;
        return Regions.Contains(int.Parse(digits[..2])) && int.Parse(digits[2..4]) is <= 49 or >= 97;
    }

    private enum Gap
    {
        /// <summary>Other text: what stands before is another number.</summary>
        Text,

        /// <summary>Spaces or parentheses: another number or the same.</summary>
        Space,

        /// <summary>Joined by a hyphen, point or slash: parts of the same.</summary>
        Joint,
    }

    /// <param name="Start">Its first digit.</param>
    /// <param name="End">After its last.</param>
    /// <param name="IsPartOfWord">A letter adjoins: part of a name, a hash or a UUID.</param>
    /// <param name="HasPlus">A plus stands before it.</param>
    /// <param name="Before">What is between it and the group before.</param>
    private readonly record struct Group(int Start, int End, bool IsPartOfWord, bool HasPlus, Gap Before);
}
