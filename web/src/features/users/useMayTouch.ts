/** Whether the person at work may change somebody: who holds something that they don't is out of their reach. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useMe } from "@/app/access";
import { isWithin, matrixQuery } from "../roles/matrix";
import type { User } from "./people";

export function useMayTouch(): (user: User) => boolean {
  const { permissions } = useMe();
  const mayWrite = permissions.includes("users.write") && permissions.includes("roles.read");
  const { data } = useQuery({ ...matrixQuery, enabled: mayWrite });
  return useCallback(
    (user) =>
      mayWrite &&
      data !== undefined &&
      user.roles.every((role) => isWithin(data, role, (permission) => permissions.includes(permission))),
    [mayWrite, data, permissions],
  );
}
