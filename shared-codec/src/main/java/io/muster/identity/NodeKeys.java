package io.muster.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/** A node's key pair: what it signs with, and the public half that hubs know it by. */
public final class NodeKeys {
  private final PrivateKey privateKey;
  private final PublicNodeKey publicKey;

  NodeKeys(PrivateKey privateKey, PublicNodeKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** A new Ed25519 pair; takes a moment, so not on an event loop. */
  public static NodeKeys generate() {
    try {
      return of(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), KeyAlgorithm.ED25519);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java since 15 has Ed25519", e);
    }
  }

  static NodeKeys of(KeyPair pair, KeyAlgorithm algorithm) {
    String encoded = Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    return new NodeKeys(pair.getPrivate(), PublicNodeKey.of(algorithm.label(), encoded));
  }

  /**
   * Reads a private key, Ed25519 or RSA, in PKCS#8 ({@code BEGIN PRIVATE KEY}) or PKCS#1 ({@code
   * BEGIN RSA PRIVATE KEY}); the public half is worked out from it.
   *
   * @throws IllegalArgumentException whose message says what is wrong, never what stands in it
   */
  public static NodeKeys ofPem(String pem) {
    return PemKey.read(pem);
  }

  /** The private key as PKCS#8 in PEM. */
  public String toPem() {
    return PemKey.write(privateKey);
  }

  public PublicNodeKey publicKey() {
    return publicKey;
  }

  /** The signature over these bytes. */
  public byte[] sign(byte[] bytes) {
    try {
      Signature signer = Signature.getInstance(publicKey.algorithm().signature());
      signer.initSign(privateKey);
      signer.update(bytes);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was checked cannot sign", e);
    }
  }
}
