package dev.offloop.process.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Paths in messages about objects that cannot be serialized. */
class FieldPathTest {

    private static final String MISSING = Object.class.getName();

    @Test
    void aPathThroughCollectionsIsFound() {
        List<Object> list = new ArrayList<>(List.of("a", List.of(1, new Object())));
        assertThat(FieldPath.find(list, MISSING)).isEqualTo(" -> [1] -> [1]");
    }

    @Test
    void aCollectionThatSeemsEndlessHasNoPath() {
        List<Object> list = new ArrayList<>(List.of(Collections.nCopies(1 << 30, "x"), new Object()));
        assertThat(FieldPath.find(list, MISSING)).isNull();
    }
}
