package dev.offloop.process.internal.io;

import java.io.IOException;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** Executable jars of Spring Boot, which hold other jars that the JVM itself does not find. */
final class SpringBoot {

    private static final String LOADER = "org.springframework.boot.loader.";

    private SpringBoot() {}

    /** The class in such a jar that runs what a property names; null if the class path is anything else. */
    static @Nullable String launcherOf(String classPath) {
        if (!classPath.endsWith(".jar")) {
            return null;
        }
        try (var jar = new JarFile(classPath)) {
            Manifest manifest = jar.getManifest();
            String main = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
            return main != null && main.startsWith(LOADER)
                    ? main.substring(0, main.lastIndexOf('.')) + ".PropertiesLauncher"
                    : null;
        } catch (IOException notOneJar) {
            return null;
        }
    }
}
