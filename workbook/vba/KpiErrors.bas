Attribute VB_Name = "KpiErrors"
Option Explicit
' What Python could not answer becomes a true error value in its cell, so that SUM and its like do
' not pass over it; the reason is kept by the cell's address for KPI_WHY. Nothing is calculated here.

Private Reasons As Collection

' The rows that Python gave, with true error values.
Public Function KpiResult(ByVal Rows As Variant, ByVal Caller As Variant) As Variant
    Dim Row As Long, Column As Long, Mark As String, Cell As Variant, Down As Long, Across As Long
    If Not IsArray(Rows) Then
        KpiResult = Rows
        Exit Function
    End If
    Mark = ChrW(&HE001)
    For Row = LBound(Rows, 1) To UBound(Rows, 1)
        For Column = LBound(Rows, 2) To UBound(Rows, 2)
            Down = Row - LBound(Rows, 1)
            Across = Column - LBound(Rows, 2)
            Cell = Rows(Row, Column)
            If KpiIsMarked(Cell, Mark) Then
                Rows(Row, Column) = KpiErrorValue(Split(Cell, Mark)(1))
                KpiKeep Caller, Down, Across, CStr(Split(Cell, Mark)(2))
            Else
                KpiKeep Caller, Down, Across, ""
            End If
        Next Column
    Next Row
    KpiResult = Rows
End Function

' The error value of a call that Python never answered.
Public Function KpiFailed(ByVal Reason As String, ByVal Caller As Variant) As Variant
    KpiKeep Caller, 0, 0, KpiLastLine(Reason)
    KpiFailed = CVErr(xlErrValue)
End Function

' Why a KPI function left an error in this cell; nothing if it did not.
Public Function KPI_WHY(ByVal Cell As Variant) As Variant
    KPI_WHY = ""
    If TypeName(Cell) <> "Range" Then Exit Function
    If IsError(Cell.Cells(1, 1).Value) Then KPI_WHY = KpiReasonOf(Cell)
End Function

' The reason that is kept for a cell; nothing if there is none.
Public Function KpiReasonOf(ByVal Cell As Variant) As String
    If Reasons Is Nothing Then Exit Function
    On Error Resume Next
    KpiReasonOf = Reasons.Item(KpiAddress(Cell, 0, 0))
End Function

Private Function KpiIsMarked(ByVal Cell As Variant, ByVal Mark As String) As Boolean
    If VarType(Cell) = vbString Then KpiIsMarked = (Left(Cell, 1) = Mark)
End Function

Private Function KpiErrorValue(ByVal Text As String) As Variant
    If Text = "#N/A" Then
        KpiErrorValue = CVErr(xlErrNA)
    Else
        KpiErrorValue = CVErr(xlErrValue)
    End If
End Function

Private Sub KpiKeep(ByVal Caller As Variant, ByVal Down As Long, ByVal Across As Long, ByVal Reason As String)
    Dim Address As String
    If TypeName(Caller) <> "Range" Then Exit Sub
    Address = KpiAddress(Caller, Down, Across)
    If Reasons Is Nothing Then Set Reasons = New Collection
    On Error Resume Next
    Reasons.Remove Address
    On Error GoTo 0
    If Reason <> "" Then Reasons.Add Reason, Address
End Sub

Private Function KpiAddress(ByVal Cell As Variant, ByVal Down As Long, ByVal Across As Long) As String
    KpiAddress = Cell.Worksheet.Parent.Name & "|" & Cell.Worksheet.Name & "|" & (Cell.Row + Down) & "|" & (Cell.Column + Across)
End Function

' Of a message of many lines the last one: what went wrong, without where in the program.
Public Function KpiLastLine(ByVal Text As String) As String
    Dim Lines As Variant, Number As Long
    KpiLastLine = "Python?"
    Lines = Split(Replace(Text, vbCr, vbLf), vbLf)
    For Number = UBound(Lines) To LBound(Lines) Step -1
        If Trim(Lines(Number)) <> "" Then
            KpiLastLine = Trim(Lines(Number))
            Exit Function
        End If
    Next Number
End Function
