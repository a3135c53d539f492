/** Who may administer the fleet: users, their passwords, their tokens and their roles. */
package io.muster.hub.auth;
