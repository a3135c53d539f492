/** The fleet as administrators see and steer it: nodes, their tags and groups, the audit log. */
package io.muster.hub.admin;
