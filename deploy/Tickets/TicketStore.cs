using Microsoft.Data.Sqlite;

namespace Personalization.Tickets;

/// <summary>Who bought which ticket, and the receipts of what was erased: these name a case and nobody.</summary>
internal sealed class TicketStore
{
    private readonly string connectionString;

    public TicketStore(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        connectionString = new SqliteConnectionStringBuilder { DataSource = file }.ToString();
        using var connection = Open();
        Execute(connection, """
            CREATE TABLE IF NOT EXISTS tickets (customer_id TEXT NOT NULL, film_id TEXT NOT NULL, sold_at INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS tickets_of_customer ON tickets (customer_id);
            CREATE TABLE IF NOT EXISTS receipts (case_id TEXT PRIMARY KEY, body BLOB NOT NULL);
            """);
    }

    public void Sell(string customerId, string filmId, DateTimeOffset at)
    {
        using var connection = Open();
        Execute(connection, "INSERT INTO tickets VALUES ($customer, $film, $at)", ("$customer", customerId), ("$film", filmId), ("$at", at.ToUnixTimeMilliseconds()));
    }

    public IReadOnlyList<string> FilmsOf(string customerId)
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT film_id FROM tickets WHERE customer_id = $customer ORDER BY sold_at", ("$customer", customerId));
        using var rows = command.ExecuteReader();
        var films = new List<string>();
        while (rows.Read()) films.Add(rows.GetString(0));
        return films;
    }

    public byte[]? ReceiptOf(string caseId)
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT body FROM receipts WHERE case_id = $case", ("$case", caseId));
        return (byte[]?)command.ExecuteScalar();
    }

    /// <summary>Erases what was sold to a customer until then, and keeps the receipt, in one transaction: killed in between, it has done neither.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="customerId">Whom; null: the case is about nothing that is held here.</param>
    /// <param name="before">Until when.</param>
    /// <param name="receipt">The receipt of how many were erased, and how many a search found afterwards.</param>
    public byte[] Erase(string caseId, string? customerId, DateTimeOffset before, Func<long, long, byte[]> receipt)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        var (erased, found) = (0L, 0L);
        if (customerId is not null)
        {
            (string, object)[] whose = [("$customer", customerId), ("$before", before.ToUnixTimeMilliseconds())];
            erased = Execute(connection, "DELETE FROM tickets WHERE customer_id = $customer AND sold_at <= $before", whose);
            using var search = Command(connection, "SELECT count(*) FROM tickets WHERE customer_id = $customer AND sold_at <= $before", whose);
            found = (long)search.ExecuteScalar()!;
        }

        var body = receipt(erased, found);
        Execute(connection, "INSERT INTO receipts VALUES ($case, $body)", ("$case", caseId), ("$body", body));
        transaction.Commit();
        return body;
    }

    // What is deleted is overwritten, not only unlinked.
    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        Execute(connection, "PRAGMA secure_delete = ON");
        return connection;
    }

    private static int Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        // The texts are constants of this file.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
