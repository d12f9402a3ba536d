using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Personalization.Platform.Storage;

/// <summary>One connection with the statements prepared on it; used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private static readonly string[] ParameterNames = [.. Enumerable.Range(0, 64).Select(i => $"${i}")];

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    /// <exception cref="StoreUnusableException">The file can't be opened, is no database or can't keep a write-ahead log.</exception>
    public static SqliteSession OpenWriter(string path)
    {
        SqliteSession? session = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            session = Open(path);
            if (session.Scalar("PRAGMA journal_mode=WAL") is not "wal")
                throw new StoreUnusableException($"SQLite can't keep a write-ahead log for '{path}'; put the file on a local disk.");
            // FULL: a commit is on the disk when it returns. secure_delete: deleted content is overwritten with zeros.
            // temp_store: the journal of a savepoint would leave documents in a temporary file.
            session.Execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;");
            return session;
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is IOException or UnauthorizedAccessException or SqliteException { SqliteErrorCode: SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_NOTADB })
                throw new StoreUnusableException($"'{path}' can't be opened for writing as a SQLite file.", e);
            throw;
        }
    }

    public static SqliteSession OpenReader(string path)
    {
        SqliteSession session = Open(path);
        session.Execute("PRAGMA query_only=ON;");
        return session;
    }

    private static SqliteSession Open(string path)
    {
        // Sessions are pooled by the store, with their statements; the library's pool would keep the file open after disposal.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // A plan that doesn't depend on the values bound: otherwise a query by a partial index is parsed and planned anew each time.
            sqlite3_db_config(connection.Handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
            var session = new SqliteSession(connection);
            session.Execute("PRAGMA busy_timeout=5000;");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteScalar();

    public SqliteDataReader Read(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteReader();

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // The text holds names checked by DeclaredCollections or quoted; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (int i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = ParameterNames[i] });
            _commands.Add(sql, command);
        }
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }
}
