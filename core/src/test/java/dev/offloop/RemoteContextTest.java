package dev.offloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What of a context can leave the JVM. */
class RemoteContextTest {

    private static final ContextVar<String> USER = ContextVar.remote("dev.offloop.test.user", "nobody");
    private static final ContextVar<String> LOCAL = new ContextVar<>("local", "nothing");

    @Test
    void onlyRemoteVariablesAreTaken() throws Exception {
        USER.where(
                "ada",
                () -> LOCAL.where(
                        "here",
                        () -> assertThat(RemoteContext.capture().values())
                                .isEqualTo(Map.of("dev.offloop.test.user", "ada"))));
        assertThat(RemoteContext.capture().isEmpty()).isTrue();
    }

    @Test
    void theFunctionSeesThemAndNothingElse() throws Exception {
        RemoteContext context = USER.where("ada", RemoteContext::capture);
        String seen = LOCAL.where("here", () -> context.call(() -> USER.get() + " " + LOCAL.get()));
        assertThat(seen).isEqualTo("ada nothing");
        assertThat(USER.get()).isEqualTo("nobody");
    }

    @Test
    void remoteVariablesOfOneNameAreOneVariable() throws Exception {
        ContextVar<String> twin = ContextVar.remote("dev.offloop.test.user");
        assertThat(twin).isEqualTo(USER).hasSameHashCodeAs(USER);
        assertThat(new ContextVar<>("local")).isNotEqualTo(LOCAL);
        String seen = USER.where("ada", twin::get);
        assertThat(seen).isEqualTo("ada");
    }

    @Test
    void nullIsAValueToo() throws Exception {
        RemoteContext context = USER.where(null, RemoteContext::capture);
        assertThat(context.<String>call(USER::get)).isNull();
    }
}
