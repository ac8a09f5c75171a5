import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prints JaCoCo's report as a table with a line for each module. */
class CoverageTable {

    private record Counts(int linesMissed, int lines, int branchesMissed, int branches) {

        static Counts of(String[] row) { // GROUP,PACKAGE,CLASS,INSTRUCTION_MISSED,…_COVERED,BRANCH_…,BRANCH_…,LINE_…,LINE_…
            int branchesMissed = Integer.parseInt(row[5]);
            int linesMissed = Integer.parseInt(row[7]);
            return new Counts(
                    linesMissed,
                    linesMissed + Integer.parseInt(row[8]),
                    branchesMissed,
                    branchesMissed + Integer.parseInt(row[6]));
        }

        Counts plus(Counts other) {
            return new Counts(
                    linesMissed + other.linesMissed,
                    lines + other.lines,
                    branchesMissed + other.branchesMissed,
                    branches + other.branches);
        }
    }

    public static void main(String[] args) throws IOException {
        List<String> rows = Files.readAllLines(Path.of(args[0]));
        Map<String, Counts> modules = new TreeMap<>();
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",");
            String module = cells[0].substring(cells[0].lastIndexOf('/') + 1);
            modules.merge(module, Counts.of(cells), Counts::plus);
            modules.merge("all", Counts.of(cells), Counts::plus);
        }
        System.out.printf("%-40s %16s %16s%n", "Coverage", "lines", "branches");
        modules.forEach((module, counts) -> System.out.printf(
                "%-40s %16s %16s%n",
                module,
                share(counts.linesMissed, counts.lines),
                share(counts.branchesMissed, counts.branches)));
    }

    private static String share(int missed, int all) {
        return all == 0 ? "-" : "%.1f %% of %d".formatted(100.0 * (all - missed) / all, all);
    }
}
