package dev.offloop.internal.monitor;

import dev.offloop.internal.util.UserCode;
import dev.offloop.monitor.ExecutorStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sites from which one loop, or one pool of processes, is given functions.
 *
 * <p>A site is known by what its functions have in common, such as their class, which is another one for each lambda in
 * a program's source, and by the executor. So a call is one look into a map; the place in the source is looked up once
 * per site.
 *
 * <p>Its owner changes it, one thread at a time; any thread reads.
 */
public final class SiteTable {

    private static final int MAX_SITES = 256;

    private static final Map<SiteTable, Boolean> TABLES = new WeakHashMap<>();

    /** Of tables that are closed. Guarded by TABLES. */
    private static final List<SiteView> PAST = new ArrayList<>();

    /** The owner's: a class can be unloaded all the same. */
    private final WeakHashMap<Object, Site> byFunction = new WeakHashMap<>();

    private final CopyOnWriteArrayList<Site> sites = new CopyOnWriteArrayList<>();

    /** The site of the last call, which is often that of the next one too. The owner's. */
    private @Nullable Site last;

    /** Measuring can be switched off, if only to measure what it costs. */
    private final boolean off = "off".equals(System.getProperty("offloop.advice"));

    private final boolean processes;
    private final @Nullable Function<Object, String> origin;

    /** The table of a loop. Functions are known by their class. */
    public SiteTable() {
        this(false, null);
    }

    /**
     * The table of a pool of processes.
     *
     * @param origin names the class in whose source a function stands, from what it is known by
     */
    public SiteTable(Function<Object, String> origin) {
        this(true, origin);
    }

    private SiteTable(boolean processes, @Nullable Function<Object, String> origin) {
        this.processes = processes;
        this.origin = origin;
        synchronized (TABLES) {
            TABLES.put(this, true);
        }
    }

    /**
     * Returns the site of a call; null if there are too many.
     *
     * @param function what all functions of a site have in common, such as their class
     * @param executor what is to run it
     */
    public @Nullable Site of(Object function, Object executor) {
        if (off) {
            return null;
        }
        Site last = this.last;
        if (last != null && last.isOf(function) && last.isFor(executor)) {
            return last;
        }
        Site first = byFunction.get(function);
        Site site = first;
        while (site != null && !site.isFor(executor)) {
            site = site.next;
        }
        if (site == null) {
            site = add(function, executor, first);
        }
        this.last = site;
        return site;
    }

    private @Nullable Site add(Object function, Object executor, @Nullable Site first) {
        if (sites.size() >= MAX_SITES) {
            return null;
        }
        var site = new Site(name(function), function, executor, processes);
        site.next = first;
        byFunction.put(function, site);
        sites.add(site);
        return site;
    }

    /** The class in whose source the function stands, and the line that hands it in. */
    private String name(Object function) {
        String origin = this.origin == null ? originOf((Class<?>) function) : this.origin.apply(function);
        List<StackTraceElement> callers = UserCode.of(new Throwable().getStackTrace());
        if (callers.isEmpty()) {
            return origin;
        }
        StackTraceElement caller = callers.getFirst();
        String place = UserCode.text(caller);
        boolean same = caller.getClassName().equals(origin) || origin.startsWith(caller.getClassName() + ".");
        return same ? place : origin + ", given at " + place;
    }

    /** Names the class in whose source a function of a class stands. */
    public static String originOf(Class<?> function) {
        String type = function.getName();
        int hidden = type.indexOf("$$Lambda");
        return hidden < 0 ? type : type.substring(0, hidden);
    }

    /** The owner has ended. What was measured is kept for the advice. */
    public void close() {
        List<SiteView> views = views(); // asks the executors, which have locks of their own
        synchronized (TABLES) {
            if (TABLES.remove(this) != null) {
                PAST.addAll(views);
                if (PAST.size() > MAX_SITES) {
                    merge(PAST);
                }
            }
        }
    }

    /** From any thread: returns what was handed to which executor. */
    public List<ExecutorStatistics> executors() {
        Map<String, ExecutorStatistics> byName = new LinkedHashMap<>();
        for (Site site : sites) {
            byName.merge(site.gauge().name(), site.statistics(), SiteTable::sum);
        }
        return List.copyOf(byName.values());
    }

    private static ExecutorStatistics sum(ExecutorStatistics one, ExecutorStatistics other) {
        return new ExecutorStatistics(
                one.name(),
                other.size(),
                other.active(),
                other.queued(),
                one.unfinished() + other.unfinished(),
                one.calls() + other.calls());
    }

    /** Returns what is known of each site. */
    List<SiteView> views() {
        List<SiteView> views = new ArrayList<>();
        for (Site site : sites) {
            views.add(site.view());
        }
        return views;
    }

    /** Returns what is known of each site of the JVM. */
    static List<SiteView> allViews() {
        List<SiteView> all;
        List<SiteTable> tables;
        synchronized (TABLES) {
            all = new ArrayList<>(PAST);
            tables = List.copyOf(TABLES.keySet());
        }
        tables.forEach(table -> all.addAll(table.views()));
        merge(all);
        return all;
    }

    private static void merge(List<SiteView> views) {
        Map<List<Object>, SiteView> merged = new LinkedHashMap<>();
        for (SiteView view : views) {
            merged.merge(List.of(view.site(), view.executor().name()), view, SiteView::add);
        }
        views.clear();
        merged.values().stream().skip(Math.max(0, merged.size() - MAX_SITES)).forEach(views::add);
    }
}
