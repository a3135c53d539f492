package io.muster.identity;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/** The kinds of keys that nodes may have. */
public enum KeyAlgorithm {
  ED25519("Ed25519", "Ed25519", "Ed25519"),
  /** Of 2048 bits and more, with PKCS#1 v1.5 padding: what {@code openssl genrsa} makes. */
  RSA_SHA256("RSA-SHA256", "RSA", "SHA256withRSA");

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 4096;

  /** Bounds the work that a key of a stranger can make: RSA of 4096 bits needs 736. */
  static final int MAX_KEY_CHARACTERS = 1024;

  private final String label;
  private final String factory;
  private final String signature;

  KeyAlgorithm(String label, String factory, String signature) {
    this.label = label;
    this.factory = factory;
    this.signature = signature;
  }

  /** The name on the wire: {@code Ed25519} or {@code RSA-SHA256}. */
  public String label() {
    return label;
  }

  String signature() {
    return signature;
  }

  /** The algorithm of this name on the wire. */
  public static Optional<KeyAlgorithm> of(String label) {
    for (KeyAlgorithm algorithm : values()) {
      if (algorithm.label.equals(label)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /**
   * Reads a public key.
   *
   * @param base64 of its X.509 SubjectPublicKeyInfo
   * @throws IllegalArgumentException whose message says what is wrong with it
   */
  PublicKey decode(String base64) {
    if (base64.length() > MAX_KEY_CHARACTERS) {
      throw new IllegalArgumentException("the public key is too long");
    }
    PublicKey key;
    try {
      byte[] spki = Base64.getDecoder().decode(base64);
      key = KeyFactory.getInstance(factory).generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IllegalArgumentException(
          "the public key is not the base64 of an X.509 SubjectPublicKeyInfo of " + label, e);
    }
    check(key);
    return key;
  }

  private void check(PublicKey key) {
    if (this == ED25519) {
      if (!(key instanceof EdECPublicKey ed) || !ed.getParams().getName().equals("Ed25519")) {
        throw new IllegalArgumentException("the public key is not one of Ed25519");
      }
    } else if (!(key instanceof RSAPublicKey rsa)
        || rsa.getModulus().bitLength() < MIN_RSA_BITS
        || rsa.getModulus().bitLength() > MAX_RSA_BITS) {
      throw new IllegalArgumentException(
          "an RSA key must have " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits");
    }
  }
}
