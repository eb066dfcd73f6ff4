import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { Day } from "./PeriodFilter";

afterEach(cleanup);

function Sample({ asked }: { asked: string[] }) {
  const [day, setDay] = useState("2025-03-01");
  const onChange = (next: string) => {
    asked.push(next);
    setDay(next);
  };
  return <Day label="From" value={day} onChange={onChange} />;
}

function show() {
  const asked: string[] = [];
  render(<Sample asked={asked} />);
  return { asked, field: screen.getByLabelText<HTMLInputElement>("From") };
}

it("asks once for a year that is typed digit by digit", () => {
  const { asked, field } = show();
  for (const value of ["0002-03-01", "0020-03-01", "0202-03-01", "2026-03-01"]) {
    fireEvent.change(field, { target: { value } });
    expect(field.value).toBe(value);
  }
  expect(asked).toEqual(["2026-03-01"]);
});

it("takes any year once the field is left", () => {
  const { asked, field } = show();
  fireEvent.change(field, { target: { value: "0202-03-01" } });
  expect(asked).toEqual([]);
  fireEvent.blur(field);
  expect(asked).toEqual(["0202-03-01"]);
});

it("takes an emptied field at once", () => {
  const { asked, field } = show();
  fireEvent.change(field, { target: { value: "" } });
  expect(asked).toEqual([""]);
});
