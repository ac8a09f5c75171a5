package dev.offloop.internal.monitor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Who waits for whom: tasks, and below each what it awaits, down to functions on threads and in other processes.
 *
 * @param roots the tasks for which no other one waits
 * @param left how many tasks are left out
 */
public record AwaitTree(List<AwaitNode> roots, int left) {

    /** How long other processes have to say where their functions are, all together. */
    private static final long ANSWER_MILLIS = 300;

    private static final int MAX_QUESTIONS = 64;

    /** Returns this tree with the lines at which functions in other processes are. Waits for them a bounded time. */
    public AwaitTree withRemoteFrames() {
        Map<RemoteWork, CompletableFuture<List<String>>> questions = new HashMap<>();
        roots.forEach(root -> ask(root, questions));
        if (questions.isEmpty()) {
            return this;
        }
        boolean interrupted = false;
        try {
            var _ = CompletableFuture.allOf(questions.values().toArray(CompletableFuture[]::new))
                    .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (ExecutionException | TimeoutException e) {
            // some have answered
        }
        List<AwaitNode> answered =
                roots.stream().map(root -> answered(root, questions)).toList();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return new AwaitTree(answered, left);
    }

    private static void ask(AwaitNode node, Map<RemoteWork, CompletableFuture<List<String>>> questions) {
        RemoteWork remote = node.remote();
        if (remote != null && questions.size() < MAX_QUESTIONS) {
            questions.computeIfAbsent(remote, RemoteWork::frames);
        }
        node.below().forEach(child -> ask(child, questions));
    }

    private static AwaitNode answered(AwaitNode node, Map<RemoteWork, CompletableFuture<List<String>>> questions) {
        List<AwaitNode> below =
                node.below().stream().map(child -> answered(child, questions)).toList();
        RemoteWork remote = node.remote();
        CompletableFuture<List<String>> answer = remote == null ? null : questions.get(remote);
        return node.with(
                answer != null && answer.state() == CompletableFuture.State.SUCCESS
                        ? answer.resultNow()
                        : node.frames(),
                below);
    }

    /** Returns a line for each node, below the one that waits for it. */
    public String text() {
        List<String> lines = new ArrayList<>();
        for (AwaitNode root : roots) {
            lines.add(line(root));
            addBelow(root, "", lines);
        }
        if (left > 0) {
            lines.add("and " + left + " more");
        }
        return String.join("\n", lines);
    }

    private static void addBelow(AwaitNode node, String indent, List<String> lines) {
        List<AwaitNode> below =
                node.below().stream().filter(child -> !child.isBrief()).toList();
        for (int i = 0; i < below.size(); i++) {
            boolean last = i == below.size() - 1;
            lines.add(indent + (last ? "└─ " : "├─ ") + line(below.get(i)));
            addBelow(below.get(i), indent + (last ? "   " : "│  "), lines);
        }
    }

    private static String line(AwaitNode node) {
        String brief = node.below().stream()
                .filter(AwaitNode::isBrief)
                .map(AwaitNode::name)
                .collect(Collectors.joining(", "));
        return node.name()
                + (node.state().isEmpty() ? "" : " " + node.state())
                + (node.frames().isEmpty() ? "" : " at " + node.frames().getFirst())
                + (brief.isEmpty() ? "" : ", for " + brief)
                + (node.creator() == null ? "" : " (created by " + node.creator() + ")");
    }

    /** Returns the tree for {@link dev.offloop.internal.util.Json}. */
    public List<Map<String, Object>> json() {
        return roots.stream().map(AwaitTree::json).toList();
    }

    private static Map<String, Object> json(AwaitNode node) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", node.name());
        json.put("state", node.state());
        json.put("frames", node.frames());
        if (node.creator() != null) {
            json.put("creator", node.creator());
        }
        json.put("awaits", node.below().stream().map(AwaitTree::json).toList());
        return json;
    }
}
