package dev.offloop.examples.extract;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** What a run has left in its database. */
final class Rows {

    private Rows() {}

    static String url(Path folder) {
        return "jdbc:h2:" + folder.resolve("rows").toAbsolutePath();
    }

    /** File name to status. */
    static Map<String, String> statuses(String url) throws SQLException {
        return column(url, "status");
    }

    /** File name to any column. */
    static Map<String, String> column(String url, String name) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement();
                var found = statement.executeQuery("SELECT path, " + name + " FROM documents")) {
            while (found.next()) {
                rows.put(Path.of(found.getString(1)).getFileName().toString(), found.getString(2));
            }
        }
        return rows;
    }
}
