package io.muster.identity;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Private keys as text, in the forms in which openssl writes them. */
final class PemKey {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";

  /** {@code INTEGER 0, SEQUENCE { OID rsaEncryption, NULL }}: PKCS#8's head for an RSA key. */
  private static final byte[] RSA_HEAD =
      HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  private static final byte[] TRIAL = {1, 2, 3};

  private PemKey() {}

  static NodeKeys read(String pem) {
    Matcher block = BLOCK.matcher(pem);
    while (block.find()) {
      String kind = block.group(1);
      if (kind.equals(PKCS8) || kind.equals(PKCS1)) {
        byte[] der = decode(block.group(2));
        return checked(pair(kind.equals(PKCS1) ? wrap(der) : der));
      }
      if (kind.contains("ENCRYPTED")) {
        throw new IllegalArgumentException("the private key is encrypted: it must not be");
      }
      if (kind.equals("EC PRIVATE KEY") || kind.equals("OPENSSH PRIVATE KEY")) {
        throw new IllegalArgumentException(
            "holds a key of the kind \"" + kind + "\": it must be Ed25519 in PKCS#8, or RSA");
      }
    }
    throw new IllegalArgumentException(
        "holds no \"BEGIN PRIVATE KEY\" and no \"BEGIN RSA PRIVATE KEY\"");
  }

  static String write(PrivateKey key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  private static byte[] decode(String text) {
    if (text.contains("Proc-Type")) {
      throw new IllegalArgumentException("the private key is encrypted: it must not be");
    }
    try {
      return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("is damaged: it is not base64 inside", e);
    }
  }

  private static NodeKeys pair(byte[] pkcs8) {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    try {
      PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(spec);
      return NodeKeys.of(ed25519((EdECPrivateKey) key), KeyAlgorithm.ED25519);
    } catch (GeneralSecurityException notEd25519) {
      try {
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        if (rsa.generatePrivate(spec) instanceof RSAPrivateCrtKey key) {
          RSAPublicKeySpec half = new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent());
          return NodeKeys.of(new KeyPair(rsa.generatePublic(half), key), KeyAlgorithm.RSA_SHA256);
        }
      } catch (GeneralSecurityException neither) {
        // Said below.
      }
      throw new IllegalArgumentException(
          "is damaged, or of another kind: it must be Ed25519, or RSA of 2048 bits or more",
          notEd25519);
    }
  }

  /**
   * The JDK makes no public half of an Ed25519 private key; but its generator makes the pair of the
   * random bytes that it is given.
   */
  private static KeyPair ed25519(EdECPrivateKey key) throws GeneralSecurityException {
    byte[] seed = key.getBytes().orElseThrow();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new Seed(seed));
    return generator.generateKeyPair();
  }

  /** Whatever the halves were made from, they must belong together. */
  private static NodeKeys checked(NodeKeys keys) {
    if (!keys.publicKey().verifies(TRIAL, keys.sign(TRIAL))) {
      throw new IllegalArgumentException("is damaged: its halves do not belong together");
    }
    return keys;
  }

  private static byte[] wrap(byte[] pkcs1) {
    return sequence(0x30, concat(RSA_HEAD, sequence(0x04, pkcs1)));
  }

  private static byte[] sequence(int tag, byte[] content) {
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(tag);
    if (content.length < 0x80) {
      der.write(content.length);
    } else {
      der.write(0x82);
      der.write(content.length >> 8);
      der.write(content.length);
    }
    der.writeBytes(content);
    return der.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  /** Gives the bytes that it was made with. */
  private static final class Seed extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] seed;

    Seed(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
