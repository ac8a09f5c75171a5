package dev.offloop.examples.extract;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The rows, by plain blocking JDBC. Whatever is called here runs on {@link #executor()}, whose two threads are as many
 * as there are connections: a database wants few clients, however many tasks have something to write.
 */
final class Database implements AutoCloseable {

    private static final int CONNECTIONS = 2;
    private static final int LONGEST_VARCHAR = 4000;

    private final ExecutorService executor = Executors.newFixedThreadPool(
            CONNECTIONS, Thread.ofPlatform().name("database-", 0).daemon().factory());
    private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();

    private Database() {}

    /** Opens the database and makes its table, if it has none. */
    static Database open(String url) throws SQLException {
        var database = new Database();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                database.connections.add(DriverManager.getConnection(url));
            }
            database.createTable();
            return database;
        } catch (SQLException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    ExecutorService executor() {
        return executor;
    }

    private void createTable() throws SQLException {
        Connection connection = connections.element();
        try (var tables =
                connection.getMetaData().getTables(connection.getCatalog(), null, "%", new String[] {"TABLE"})) {
            while (tables.next()) {
                if (tables.getString("TABLE_NAME").equalsIgnoreCase("documents")) {
                    return;
                }
            }
        }
        try (var statement = connection.createStatement()) {
            statement.execute("""
                    CREATE TABLE documents (
                      path VARCHAR(4000) PRIMARY KEY,
                      status VARCHAR(20) NOT NULL,
                      title VARCHAR(4000),
                      pages INTEGER,
                      characters INTEGER,
                      content CLOB,
                      error VARCHAR(4000),
                      millis BIGINT NOT NULL
                    )""".replace("CLOB", clobType(connection)));
        }
    }

    private static String clobType(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL") ? "TEXT" : "CLOB";
    }

    /** Writes a row, in the place of the one that an earlier run has written for the same file. */
    @Nullable
    Void store(Row row) throws SQLException, InterruptedException {
        Connection connection = connections.take();
        try {
            connection.setAutoCommit(false);
            replace(connection, row);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connections.add(connection);
        }
        return null;
    }

    private static void replace(Connection connection, Row row) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM documents WHERE path = ?")) {
            delete.setString(1, row.file().toString());
            delete.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO documents (path, status, title, pages, characters, content, error, millis)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""")) {
            Document document = row.document();
            insert.setString(1, row.file().toString());
            insert.setString(2, row.status().toString());
            insert.setString(3, document == null ? null : storable(document.title()));
            insert.setObject(4, document == null ? null : document.pages(), Types.INTEGER);
            insert.setObject(5, document == null ? null : document.text().length(), Types.INTEGER);
            insert.setString(6, document == null ? null : document.text().replace("\0", ""));
            insert.setString(7, storable(row.error()));
            insert.setLong(8, row.millis());
            insert.executeUpdate();
        }
    }

    /** Some databases know no NUL, and a VARCHAR has its limit. */
    private static @Nullable String storable(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String clean = text.replace("\0", "");
        return clean.length() <= LONGEST_VARCHAR ? clean : clean.substring(0, LONGEST_VARCHAR);
    }

    /** Waits for the writes that have begun, then closes the connections. */
    @Override
    public void close() {
        executor.close();
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (SQLException e) {
                System.getLogger("extract").log(System.Logger.Level.WARNING, "A connection could not be closed", e);
            }
        }
    }

    /** The default: a file in the current folder. */
    static String defaultUrl() {
        return "jdbc:h2:" + Path.of("extract").toAbsolutePath() + ";TRACE_LEVEL_FILE=0";
    }
}
