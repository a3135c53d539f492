package io.muster.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;

/** The public half of a node's key, read and checked once, to verify many signatures. */
public final class PublicNodeKey {
  private final KeyAlgorithm algorithm;
  private final String encoded;
  private final PublicKey key;

  private PublicNodeKey(KeyAlgorithm algorithm, String encoded, PublicKey key) {
    this.algorithm = algorithm;
    this.encoded = encoded;
    this.key = key;
  }

  /**
   * Reads a key as it stands on the wire.
   *
   * @param algorithm {@code Ed25519} or {@code RSA-SHA256}
   * @param base64 of its X.509 SubjectPublicKeyInfo
   * @throws IllegalArgumentException whose message says what is wrong
   */
  public static PublicNodeKey of(String algorithm, String base64) {
    KeyAlgorithm known =
        KeyAlgorithm.of(algorithm)
            .orElseThrow(
                () -> new IllegalArgumentException("the algorithm must be Ed25519 or RSA-SHA256"));
    PublicKey key = known.decode(base64);
    // Written anew, so that one key has one text.
    return new PublicNodeKey(known, Base64.getEncoder().encodeToString(key.getEncoded()), key);
  }

  public KeyAlgorithm algorithm() {
    return algorithm;
  }

  /** Base64 of its X.509 SubjectPublicKeyInfo. */
  public String encoded() {
    return encoded;
  }

  /** The first 16 hexadecimal digits of its SHA-256, for people to compare. */
  public String fingerprint() {
    return fingerprint(encoded);
  }

  /** {@link #fingerprint()} of an encoded key. */
  public static String fingerprint(String encoded) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(encoded.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Whether the holder of the key signed these bytes; false for anything that is no signature. */
  public boolean verifies(byte[] signed, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm.signature());
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
