Attribute VB_Name = "KpiTexts"
Option Explicit
' Tells the function wizard what the KPI functions and their arguments are. The texts, Chinese and
' English, stand on the hidden sheet kpi_texts: name, description, category, arguments.

Public Sub KpiRegisterTexts()
    Dim Sheet As Object, Row As Long, Column As Long, Texts() As String
    On Error Resume Next ' a book without these texts still works
    Set Sheet = ThisWorkbook.Worksheets("kpi_texts")
    If Sheet Is Nothing Then Exit Sub
    Row = 1
    Do While CStr(Sheet.Cells(Row, 1).Value) <> ""
        If Left(CStr(Sheet.Cells(Row, 1).Value), 4) = "KPI_" Then
            Column = 4
            Do While CStr(Sheet.Cells(Row, Column).Value) <> ""
                ReDim Preserve Texts(1 To Column - 3)
                Texts(Column - 3) = CStr(Sheet.Cells(Row, Column).Value)
                Column = Column + 1
            Loop
            KpiRegister CStr(Sheet.Cells(Row, 1).Value), CStr(Sheet.Cells(Row, 2).Value), CStr(Sheet.Cells(Row, 3).Value), Texts, Column - 4
        End If
        Row = Row + 1
    Loop
End Sub

Private Sub KpiRegister(ByVal Name As String, ByVal Description As String, ByVal Category As String, Texts() As String, ByVal Count As Long)
    Dim Macro As String
    On Error Resume Next
    Macro = "'" & ThisWorkbook.Name & "'!" & Name
    If Count = 0 Then
        Application.MacroOptions Macro:=Macro, Description:=Description, Category:=Category
    Else
        Application.MacroOptions Macro:=Macro, Description:=Description, Category:=Category, ArgumentDescriptions:=Texts
    End If
End Sub
