/** How nodes prove who they are: their key pairs, and what they sign with them. */
package io.muster.identity;
