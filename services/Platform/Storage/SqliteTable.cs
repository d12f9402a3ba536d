using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Personalization.Platform.Storage;

/// <summary>A collection as a table: its statements, and rows in and out.</summary>
internal sealed class SqliteTable
{
    private readonly string _name;
    private readonly string[] _fields;
    private readonly string _columns;
    private readonly string _insert;
    private readonly string _update;
    private readonly string _delete;
    private readonly string _version;
    private readonly string _readOne;
    private readonly string _readMany;

    private readonly ConcurrentDictionary<(string Field, bool IsEqual, bool IsAtMost, bool IsAfter), string> _queries = new();

    private SqliteTable(string name, string[] fields)
    {
        _name = name;
        _fields = fields;
        _columns = string.Concat("id, version, sealed, body", string.Concat(fields.Select(f => $", {Column(f)}")));
        _insert = $"INSERT INTO \"{name}\" ({_columns}) VALUES ($0, 1, $1, $2{string.Concat(fields.Select((_, i) => $", ${i + 3}"))}) ON CONFLICT (id) DO NOTHING";
        _update = $"UPDATE \"{name}\" SET version = version + 1, sealed = $2, body = $3{string.Concat(fields.Select((f, i) => $", {Column(f)} = ${i + 4}"))} WHERE id = $0 AND version = $1";
        _delete = $"DELETE FROM \"{name}\" WHERE id = $0 AND version = $1";
        _version = $"SELECT version FROM \"{name}\" WHERE id = $0";
        int parameter = 0;
        _readOne = OneText(ref parameter, isHeld: true);
        // CROSS JOIN keeps the ids outside and the primary key inside, whatever the planner guesses about a list of unknown length.
        _readMany = $"SELECT {_columns} FROM (SELECT value AS wanted FROM json_each($0)) CROSS JOIN \"{name}\" ON id = wanted";
    }

    /// <summary>Makes what is missing of the table, its columns and its indexes, and returns it.</summary>
    /// <remarks>
    /// Columns of fields that are no longer declared stay in the table's statements, so that a later write clears their old values.
    /// </remarks>
    public static SqliteTable Create(SqliteSession session, CollectionSchema schema)
    {
        // The body last: what stands behind a large one in a row can be read only by going through it.
        session.Execute($"CREATE TABLE IF NOT EXISTS \"{schema.Name}\" (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, sealed INTEGER NOT NULL, {string.Concat(schema.Fields.Select(f => $"{Column(f)} TEXT, "))}body BLOB NOT NULL)");
        List<string> fields = FieldsOf(session, schema.Name);
        foreach (string field in schema.Fields)
        {
            // SQLite's column names don't differ by case: the declared spelling is the one that documents use.
            if (fields.RemoveAll(f => f.Equals(field, StringComparison.OrdinalIgnoreCase)) == 0)
                session.Execute($"ALTER TABLE \"{schema.Name}\" ADD COLUMN {Column(field)} TEXT");
            fields.Add(field);
            session.Execute($"CREATE INDEX IF NOT EXISTS \"{schema.Name}_by_{field}\" ON \"{schema.Name}\" ({Column(field)}, id) WHERE {Column(field)} IS NOT NULL");
        }
        return new SqliteTable(schema.Name, [.. fields]);
    }

    /// <summary>A table that is there, with all its columns.</summary>
    public static SqliteTable Existing(SqliteSession session, string name) => new(name, [.. FieldsOf(session, name)]);

    /// <summary>Every table of the file, whoever made it, and its rows.</summary>
    public static Dictionary<string, long> CountAll(SqliteSession session) =>
        NamesIn(session).ToDictionary(name => name, name => (long)session.Scalar($"SELECT COUNT(*) FROM {Quoted(name)}")!, StringComparer.Ordinal);

    public static void Drop(SqliteSession session, string name) => session.Execute($"DROP TABLE IF EXISTS {Quoted(name)}");

    /// <summary>Every table of the file, whoever made it.</summary>
    public static List<string> NamesIn(SqliteSession session)
    {
        var names = new List<string>();
        using (SqliteDataReader tables = session.Read("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"))
            while (tables.Read())
                names.Add(tables.GetString(0));
        return names;
    }

    /// <summary>All of its rows, as they are read.</summary>
    public IEnumerable<StoredDocument> ReadAll(SqliteSession session)
    {
        using SqliteDataReader rows = session.Read($"SELECT {_columns} FROM \"{_name}\"");
        while (rows.Read())
            yield return Row(rows);
    }

    /// <summary>Applies one write; false if the document has another version.</summary>
    public bool Apply(SqliteSession session, DocumentWrite write) => write.Kind switch
    {
        WriteKind.Put when write.ExpectedVersion == 0 => session.Execute(_insert, Values(write, [write.Key.Id])) == 1,
        WriteKind.Put => session.Execute(_update, Values(write, [write.Key.Id, write.ExpectedVersion])) == 1,
        WriteKind.Delete => session.Execute(_delete, write.Key.Id, write.ExpectedVersion) == 1,
        _ => (session.Scalar(_version, write.Key.Id) as long? ?? 0) == write.ExpectedVersion,
    };

    /// <summary>How many fields its documents may have.</summary>
    public int Width => _fields.Length;

    public void Read(SqliteSession session, IReadOnlyCollection<string> ids, List<StoredDocument> into)
    {
        using SqliteDataReader rows = session.Read(_readMany, JsonSerializer.Serialize(ids));
        while (rows.Read())
            into.Add(Row(rows));
    }

    /// <summary>Reads a document, without its body if it has that version.</summary>
    public void Read(SqliteSession session, string id, long held, List<StoredDocument> into)
    {
        using SqliteDataReader rows = session.Read(_readOne, id, held);
        if (rows.Read())
            into.Add(Row(rows));
    }

    /// <summary>The text that reads a document, by its id in the next parameter; without the body of the version in the parameter after it, if one is held.</summary>
    /// <param name="parameter">The number of the next parameter.</param>
    /// <param name="isHeld">Whether a version is held.</param>
    /// <param name="before">Columns to put before those of the document.</param>
    /// <param name="width">Fields to fill the columns up to.</param>
    public string OneText(ref int parameter, bool isHeld, string before = "", int width = 0)
    {
        int id = parameter++;
        string body = isHeld ? $"CASE WHEN version = ${parameter++} THEN NULL ELSE body END" : "body";
        return $"SELECT {before}id, version, sealed, {body}{FieldColumns(width)} FROM \"{_name}\" WHERE id = ${id}";
    }

    /// <summary>The text that finds what a query does, whose bounds and limit are the parameters from that number on; see <see cref="OneText"/>.</summary>
    public string QueryText(DocumentQuery query, int first = 0, string before = "", int width = 0) =>
        $"SELECT {before}id, version, sealed, body{FieldColumns(width)} FROM \"{_name}\" {Where(query, ref first)} ORDER BY {Column(query.Field)}, id LIMIT ${first}";

    public List<StoredDocument> Query(SqliteSession session, DocumentQuery query)
    {
        var found = new List<StoredDocument>();
        using SqliteDataReader rows = session.Read(_queries.GetOrAdd(FormOf(query), (_, known) => QueryText(known), query), [.. Bounds(query), query.Limit]);
        while (rows.Read())
            found.Add(Row(rows));
        return found;
    }

    public long Count(SqliteSession session, DocumentQuery query)
    {
        int first = 0;
        return (long)session.Scalar($"SELECT COUNT(*) FROM \"{_name}\" {Where(query, ref first)}", [.. Bounds(query)])!;
    }

    /// <summary>What decides a query's text in a table.</summary>
    public static (string Field, bool IsEqual, bool IsAtMost, bool IsAfter) FormOf(DocumentQuery query) =>
        (query.Field, query.EqualTo is not null, query.AtMost is not null, query.After is not null);

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<string> FieldsOf(SqliteSession session, string table)
    {
        var fields = new List<string>();
        using SqliteDataReader columns = session.Read("SELECT substr(name, 3) FROM pragma_table_info($0) WHERE name LIKE 'f\\_%' ESCAPE '\\'", table);
        while (columns.Read())
            fields.Add(columns.GetString(0));
        return fields;
    }

    private static string Column(string field) => $"\"f_{field}\"";

    /// <summary>The values of a query's parameters, but its limit.</summary>
    public static IEnumerable<object> Bounds(DocumentQuery query)
    {
        if (query.EqualTo is not null)
            yield return query.EqualTo;
        if (query.AtMost is not null)
            yield return query.AtMost;
        if (query.After is not null)
            yield return query.After;
    }

    private static string Where(DocumentQuery query, ref int parameter)
    {
        string column = Column(query.Field);
        var where = new StringBuilder("WHERE ").Append(column).Append(" IS NOT NULL");
        if (query.EqualTo is not null)
            where.Append(" AND ").Append(column).Append(" = $").Append(parameter++);
        if (query.AtMost is not null)
            where.Append(" AND ").Append(column).Append(" <= $").Append(parameter++);
        if (query.After is not null)
            where.Append(" AND ").Append(column).Append(" > $").Append(parameter++);
        return where.ToString();
    }

    private string FieldColumns(int width) =>
        string.Concat([.. _fields.Select(f => $", {Column(f)}"), .. Enumerable.Repeat(", NULL", Math.Max(0, width - _fields.Length))]);

    private object[] Values(DocumentWrite write, ReadOnlySpan<object> first)
    {
        var values = new object[first.Length + 2 + _fields.Length];
        first.CopyTo(values);
        values[first.Length] = write.IsSealed;
        values[first.Length + 1] = Bytes(write.Body);
        for (int i = 0; i < _fields.Length; i++)
            values[first.Length + 2 + i] = write.Fields.TryGetValue(_fields[i], out string? value) ? value : DBNull.Value;
        return values;
    }

    // A parameter takes an array; most bodies are one already.
    private static byte[] Bytes(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out ArraySegment<byte> segment) && segment is { Offset: 0, Array: byte[] array } && array.Length == segment.Count
            ? array
            : body.ToArray();

    /// <summary>The document whose columns begin at that one.</summary>
    public StoredDocument Row(SqliteDataReader row, int first = 0)
    {
        var fields = new Dictionary<string, string>(_fields.Length, StringComparer.Ordinal);
        for (int i = 0; i < _fields.Length; i++)
            if (!row.IsDBNull(first + i + 4))
                fields.Add(_fields[i], row.GetString(first + i + 4));
        return new(
            new(_name, row.GetString(first)), row.GetInt64(first + 1), row.IsDBNull(first + 3) ? default : row.GetFieldValue<byte[]>(first + 3), row.GetBoolean(first + 2), fields);
    }
}
