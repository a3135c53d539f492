package io.muster.runtime.cluster;

import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * How the event bus connects nodes: the interface, the time limits, and mutual TLS where the three
 * BUS_TLS_* files are given (off loopback the settings demand them).
 */
final class BusOptions {
  private static final int CONNECT_TIMEOUT_MS = 3000;
  private static final long PING_MS = 3000;

  private BusOptions() {}

  static EventBusOptions of(Settings settings) {
    EventBusOptions options =
        new EventBusOptions()
            .setHost(settings.get(Catalogue.CLUSTER_HOST))
            .setPort(settings.get(Catalogue.BUS_PORT))
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setClusterPingInterval(PING_MS)
            .setClusterPingReplyInterval(PING_MS);
    settings.find(Catalogue.BUS_PUBLIC_HOST).ifPresent(options::setClusterPublicHost);
    settings.find(Catalogue.BUS_PUBLIC_PORT).ifPresent(options::setClusterPublicPort);
    if (settings.find(Catalogue.BUS_TLS_CERT).isPresent()) {
      secure(options, settings);
    }
    return options;
  }

  private static void secure(EventBusOptions options, Settings settings) {
    Path ca = settings.folder(Catalogue.BUS_TLS_CA);
    Path cert = settings.folder(Catalogue.BUS_TLS_CERT);
    Path key = settings.folder(Catalogue.BUS_TLS_KEY);
    checkSigned(cert, ca);
    options
        .setSsl(true)
        .setKeyCertOptions(
            new PemKeyCertOptions().addCertPath(cert.toString()).addKeyPath(key.toString()))
        .setTrustOptions(new PemTrustOptions().addCertPath(ca.toString()))
        // The default trusts everybody: bodies then go to strangers.
        .setTrustAll(false)
        .setClientAuth(ClientAuth.REQUIRED)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
  }

  /** A certificate of another CA, or one out of its time, would only show as silence later on. */
  private static void checkSigned(Path cert, Path ca) {
    try {
      X509Certificate own = read(cert);
      own.verify(read(ca).getPublicKey());
      own.checkValidity();
    } catch (GeneralSecurityException | IOException e) {
      throw new StartRefused(
          "BUS_TLS_CERT="
              + cert
              + ": must be a valid certificate signed by BUS_TLS_CA="
              + ca
              + " ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private static X509Certificate read(Path file) throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
