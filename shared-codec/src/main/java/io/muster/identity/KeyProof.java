package io.muster.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a node answers to a hub's challenge: that it holds its key, by a signature over the nonce,
 * its id and the key; and, when it has one, that it knows the fleet's secret, by an HMAC over the
 * same.
 *
 * @param publicKey base64 of the X.509 SubjectPublicKeyInfo
 * @param algorithm {@code Ed25519} or {@code RSA-SHA256}
 * @param signature base64
 */
public record KeyProof(String publicKey, String algorithm, String signature) {
  private static final String KEY_LABEL = "muster-node-v1";
  private static final String SECRET_LABEL = "muster-secret-v1";
  private static final String HMAC = "HmacSHA256";
  private static final int MAX_SIGNATURE_CHARACTERS = 1024;

  /**
   * Answers a challenge.
   *
   * @param nodeId empty when the hub is to give one
   */
  public static KeyProof of(NodeKeys keys, String nonce, String nodeId) {
    PublicNodeKey key = keys.publicKey();
    byte[] signature = keys.sign(text(KEY_LABEL, nonce, nodeId, key.encoded()));
    return new KeyProof(
        key.encoded(), key.algorithm().label(), Base64.getEncoder().encodeToString(signature));
  }

  /**
   * The key, if the proof holds.
   *
   * @param nodeId empty when the hub is to give one
   * @throws IllegalArgumentException whose message says what does not hold
   */
  public PublicNodeKey verify(String nonce, String nodeId) {
    PublicNodeKey key = PublicNodeKey.of(algorithm, publicKey);
    byte[] bytes;
    try {
      bytes =
          signature.length() > MAX_SIGNATURE_CHARACTERS
              ? new byte[0]
              : Base64.getDecoder().decode(signature);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the signature is not base64", e);
    }
    // Over the key as it was sent: that is what the node signed.
    if (!key.verifies(text(KEY_LABEL, nonce, nodeId, publicKey), bytes)) {
      throw new IllegalArgumentException(
          "the signature does not fit the nonce, the node's id and the public key");
    }
    return key;
  }

  /**
   * Shows knowledge of the fleet's secret for one challenge.
   *
   * @param nodeId empty when the hub is to give one
   * @param publicKey empty when the node has none
   * @return base64 of an HMAC (RFC 2104, SHA-256)
   */
  public static String ofSecret(String secret, String nonce, String nodeId, String publicKey) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(text(SECRET_LABEL, nonce, nodeId, publicKey)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + HMAC, e);
    }
  }

  /** Whether two texts are the same, compared in a time that does not tell where they differ. */
  public static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] text(String label, String nonce, String nodeId, String publicKey) {
    return String.join("\n", label, nonce, nodeId, publicKey).getBytes(StandardCharsets.UTF_8);
  }
}
